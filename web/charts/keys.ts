/** What Enter and Space do on a button does it on a drawn one too. */
export const onActivate = (act: (event: KeyboardEvent) => void) => (event: KeyboardEvent) => {
  if (event.key !== 'Enter' && event.key !== ' ') return;
  event.preventDefault();
  act(event);
};
