/** The request header that leads a page to what was found out about its visitor. What a client sends in it is dropped. */
export const visitHeader = 'x-studio-visit';
