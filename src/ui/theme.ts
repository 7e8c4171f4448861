// Runs before the first paint: the theme of the address, else the saved choice, else the system's. Imports nothing.

(() => {
  const asked = new URLSearchParams(location.search).get('theme');
  const system = matchMedia('(prefers-color-scheme: dark)').matches ? 'dark' : 'light';
  const theme = [asked, saved(), system].find((name) => name === 'dark' || name === 'light');
  document.documentElement.dataset['theme'] = theme ?? 'light';

  /** Storage may be forbidden. */
  function saved(): string | null {
    try {
      return localStorage.getItem('wiretime-theme');
    } catch {
      return null;
    }
  }
})();
