/** The paths that a Markdown text cites: in back quotes, and as the targets of its links without their anchors. */
export function citations(text) {
  // What stands between fences is a program, not a citation.
  const prose = text.replaceAll(/^```[\s\S]*?^```/gm, '');
  const targets = [...prose.matchAll(/\]\(([^)\s]+)(?:\s+"[^"]*")?\)/g)].map(([, target]) => target);
  return {
    quoted: [...prose.matchAll(/`([^`\s]+)`/g)].map(([, cited]) => cited).filter(looksLikePath),
    linked: targets.filter((target) => !/^([a-z]+:|#|\/)/i.test(target)).map((target) => decodeURIComponent(target.split('#', 1)[0])),
  };
}

function looksLikePath(text) {
  if (/[<>*{}()…$:@]/.test(text) || text.startsWith('/') || /^(dist|\.studio|node_modules|\.next)\b/.test(text)) return false;
  return /^[\w.-]+\/[\w./[\]-]*$/.test(text) || /^[\w-]+\.(ts|tsx|mjs|json|md|yml|cjs)$/.test(text);
}
