import { useEffect, useRef, type ReactNode } from 'react';
import { Route, Switch, useLocation } from 'wouter';
import { DeadLetterPage } from './dead-letters/letter-page.js';
import { DeadLettersPage } from './dead-letters/page.js';
import { DriftPage } from './drift/page.js';
import { FleetPage } from './fleet/page.js';
import { HealthPage } from './health/page.js';
import { NodePage } from './node/page.js';
import { Empty } from './parts/empty.js';
import { Header } from './parts/header.js';
import { Page } from './parts/page.js';
import { RegisterPage } from './register/page.js';
import { SignIn } from './session/sign-in.js';

export function App(): ReactNode {
  const main = useFocusAfterNavigation();
  return (
    <>
      <a className="skip" href="#main">
        Skip to the content
      </a>
      <Header />
      <main id="main" ref={main} tabIndex={-1}>
        <Switch>
          <Route path="/">{() => <FleetPage />}</Route>
          <Route path="/register">{() => <RegisterPage />}</Route>
          <Route path="/nodes/:nodeId">{({ nodeId }) => <NodePage key={nodeId} nodeId={decoded(nodeId)} />}</Route>
          <Route path="/drift">{() => <DriftPage />}</Route>
          <Route path="/dead-letters">{() => <DeadLettersPage />}</Route>
          <Route path="/dead-letters/:id">{({ id }) => <DeadLetterPage key={id} id={decoded(id)} />}</Route>
          <Route path="/health">{() => <HealthPage />}</Route>
          <Route>{() => <NoSuchPage />}</Route>
        </Switch>
      </main>
      <SignIn />
    </>
  );
}

function NoSuchPage(): ReactNode {
  return (
    <Page title="No such page">
      <Empty title="There is nothing under this address">The pages are listed above.</Empty>
    </Page>
  );
}

function decoded(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}

/** Another page begins at its top, for the eyes as for a screen reader. */
function useFocusAfterNavigation() {
  const [path] = useLocation();
  const main = useRef<HTMLElement>(null);
  const last = useRef(path);
  useEffect(() => {
    if (last.current === path) return;
    last.current = path;
    main.current?.focus({ preventScroll: true });
    window.scrollTo(0, 0);
  }, [path]);
  return main;
}
