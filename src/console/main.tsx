/**
 * The console: what people look at. It runs in a browser and knows nothing of the registry but its public API: REST as
 * docs/api.md has it, GraphQL, and the stream of events. A folder for each page, `parts` for what several of them show,
 * `words` for how things are written, `live` for how the page hears of changes.
 */
import { QueryClient, QueryClientProvider } from '@tanstack/react-query';
import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { Router } from 'wouter';
import { ApiProblem } from './api/problem.js';
import { App } from './app.js';
import { LiveProvider } from './live/live.js';
import { SessionProvider } from './session/session.js';
import { applyTheme } from './session/theme.js';
import './styles/tokens.css';
import './styles/base.css';
import './styles/controls.css';
import './styles/layout.css';
import './styles/parts.css';
import './styles/fleet.css';
import './styles/node.css';
import './styles/pages.css';

const MAX_RETRIES = 2;

const client = new QueryClient({
  defaultOptions: {
    queries: {
      staleTime: 1000,
      // What cannot succeed is not asked again.
      retry: (failures, error) => failures < MAX_RETRIES && error instanceof ApiProblem && error.isPassing,
    },
  },
});

applyTheme();
const place = document.getElementById('console');
if (place === null) throw new Error('index.html has no element with the id "console"');
createRoot(place).render(
  <StrictMode>
    <QueryClientProvider client={client}>
      <SessionProvider>
        <LiveProvider>
          <Router base="/console">
            <App />
          </Router>
        </LiveProvider>
      </SessionProvider>
    </QueryClientProvider>
  </StrictMode>,
);
