export const storageKey = 'theme';

/**
 * Runs before the first paint, so that no page flashes in the wrong colours: sets the class by the choice, and
 * follows the device and other tabs from then on. React takes the class away where it draws the whole document
 * anew, as it does for a page that is not found.
 */
export const themeScript = `(()=>{const d=matchMedia('(prefers-color-scheme: dark)'),a=()=>{let t=null;try{t=localStorage.getItem('${storageKey}')}catch{}document.documentElement.classList.toggle('dark',t==='dark'||t!=='light'&&d.matches)};a();d.addEventListener('change',a);addEventListener('storage',a);new MutationObserver(a).observe(document.documentElement,{attributeFilter:['class']})})()`;
