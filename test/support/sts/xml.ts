const namespace = 'https://sts.amazonaws.com/doc/2011-06-15/';

/** An element's text, or its children in order. */
export type XmlContent = string | { readonly [element: string]: XmlContent };

/** A document of the AWS query protocol: the root element in the namespace of STS. */
export function renderDocument(root: string, content: XmlContent): string {
  return `<${root} xmlns="${namespace}">${renderContent(content)}</${root}>`;
}

function renderContent(content: XmlContent): string {
  if (typeof content === 'string') return escape(content);
  return Object.entries(content)
    .map(([name, child]) => `<${name}>${renderContent(child)}</${name}>`)
    .join('');
}

function escape(text: string): string {
  return text.replaceAll(/[&<>"']/g, character => `&#${character.charCodeAt(0)};`);
}
