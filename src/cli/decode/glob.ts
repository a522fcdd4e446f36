/** `*` any characters, `?` one; the whole name, upper and lower case alike. Empty list: everything. */
export function globFilter(globs: readonly string[]): (name: string) => boolean {
  if (globs.length === 0) return () => true;
  const patterns = globs.map((glob) => {
    const escaped = glob.replace(/[.+^${}()|[\]\\]/g, '\\$&');
    return new RegExp(`^${escaped.replaceAll('*', '.*').replaceAll('?', '.')}$`, 'i');
  });
  return (name) => patterns.some((pattern) => pattern.test(name));
}
