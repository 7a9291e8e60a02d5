import { describe, expect, it } from '@jest/globals';
import type { Page } from 'playwright-core';
import { eventually, type Desk } from '../desk.js';

const problem = (status: number, type: string, detail: string) => ({
  status,
  contentType: 'application/problem+json',
  body: JSON.stringify({
    type: `/problems/${type}`,
    title: type === 'forbidden' ? 'Not allowed' : 'Who are you?',
    status,
    detail,
  }),
});

/** An API that knows one token, in front of the real one: what it lets pass goes through. */
async function guarded(
  page: Page,
  { token, role }: { readonly token: string; readonly role: string },
): Promise<string[]> {
  const seen: string[] = [];
  await page.route(/\/(v1|graphql|health|metrics)/, async (route) => {
    const request = route.request();
    if (new URL(request.url()).pathname.startsWith('/console')) return route.continue();
    const given = await request.headerValue('authorization');
    seen.push(given ?? 'nothing');
    if (given !== `Bearer ${token}`) return route.fulfill(problem(401, 'unauthenticated', 'a bearer token is needed'));
    if (request.url().endsWith('/v1/whoami')) return route.fulfill({ json: { name: 'ada', role } });
    const isCommand = request.method() !== 'GET' && !request.url().endsWith('/graphql');
    if (isCommand && role === 'reader') return route.fulfill(problem(403, 'forbidden', 'this needs the role operator'));
    // The real one asks nobody, or has tokens of its own.
    return route.continue();
  });
  return seen;
}

export function accessSuite(desk: Desk): void {
  describe('who may', () => {
    it('signs in with a token that no address and no page shows, and out again', async () => {
      const { page } = desk;
      const seen = await guarded(page, { token: 's3cret-token', role: 'operator' });
      await desk.open('', page);
      const dialog = page.getByRole('dialog', { name: 'Sign in' });
      await dialog.getByLabel('Bearer token').fill('a-wrong-one');
      await dialog.getByRole('button', { name: 'Sign in' }).click();
      await eventually(async () => expect(seen).toContain('Bearer a-wrong-one'));
      // Refused: it asks again.
      await eventually(async () =>
        expect(await page.getByRole('dialog', { name: 'Sign in' }).getByLabel('Bearer token').inputValue()).toBe(''),
      );
      await dialog.getByLabel('Bearer token').fill('s3cret-token');
      await dialog.getByRole('button', { name: 'Sign in' }).click();
      await page.locator('.grid-row[data-node]').first().waitFor();
      await eventually(async () => expect(await page.locator('.who').textContent()).toContain('adaoperator'));
      expect(page.url()).not.toContain('s3cret');
      expect(await page.content()).not.toContain('s3cret');
      expect(await page.evaluate('JSON.stringify(localStorage)')).not.toContain('s3cret');
      await page.reload();
      await page.locator('.grid-row[data-node]').first().waitFor();
      await page.getByRole('button', { name: 'Sign out' }).click();
      await page.getByRole('dialog', { name: 'Sign in' }).waitFor();
      expect(await page.evaluate('JSON.stringify(sessionStorage)')).toBe('{}');
    });

    it('a reader is offered no commands', async () => {
      const { page } = desk;
      await guarded(page, { token: 't', role: 'reader' });
      await page.addInitScript('sessionStorage.setItem("rollcall.token", "t")');
      await desk.open('/nodes/flow-runner-00003', page);
      await page.locator('.step').first().waitFor();
      expect(await page.getByRole('button', { name: /Deregister|introspection/ }).count()).toBe(0);
      await desk.open('/dead-letters', page);
      await page.locator('tr[data-letter]').first().waitFor();
      expect(await page.getByRole('button', { name: /Send/ }).count()).toBe(0);
      await desk.open('/register', page);
      await page.getByText('Registering needs the role operator; you are here as reader').waitFor();
    });

    it('whoever is refused a command is told why', async () => {
      const { page } = desk;
      await page.route('**/v1/introspection-requests', (route) =>
        route.fulfill(problem(403, 'forbidden', 'this needs the role operator, and the token is of a reader')),
      );
      await desk.open('/nodes/flow-runner-00003', page);
      await page.getByRole('button', { name: 'Request introspection' }).click();
      await page.getByRole('alert').getByText('this needs the role operator').waitFor();
    });
  });
}
