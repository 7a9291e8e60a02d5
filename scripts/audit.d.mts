export function verdictOf(text: string): { readonly status: 0 | 1 | 75; readonly text: string };
