// The window's policy lets no script write styles as text. xterm.js does so in two ways: style elements, and style
// attributes. The document that it is given turns both into what the policy allows: constructed style sheets, and the
// properties of elements.

export function strict(page: Document): Document {
  return new Proxy(page, {
    get(target, key) {
      if (key === 'createElement')
        return (name: string) => (name === 'style' ? sheet(target) : plain(target.createElement(name)));
      const value: unknown = Reflect.get(target, key);
      return typeof value === 'function' ? (value.bind(target) as unknown) : value;
    },
  });
}

/** An element that holds no text: what is written into it becomes a style sheet of the page, until it is removed. */
function sheet(page: Document): HTMLElement {
  const element = page.createElement('span');
  element.hidden = true;
  const own = new CSSStyleSheet();
  page.adoptedStyleSheets = [...page.adoptedStyleSheets, own];
  Object.defineProperty(element, 'textContent', { set: (text: string) => own.replaceSync(text) });
  element.remove = () => {
    page.adoptedStyleSheets = page.adoptedStyleSheets.filter((each) => each !== own);
    HTMLElement.prototype.remove.call(element);
  };
  return element;
}

function plain(element: HTMLElement): HTMLElement {
  element.setAttribute = (name, value) => {
    if (name === 'style') element.style.cssText = value;
    else HTMLElement.prototype.setAttribute.call(element, name, value);
  };
  return element;
}
