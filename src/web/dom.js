// The page's nodes and what src/web does with them. Ids are those that Dioxus gives to
// nodes; LAST is the node that was created last, such as one of a template.

const LAST = 2 ** 32 - 1;
const nodes = [document.getElementById("main")];
const stack = [];
const templates = [];

const put = (id, node) => stack.push((nodes[id] = node));
const take = (count) => stack.splice(stack.length - count);

/** The node below the top of the stack whose indexes among its siblings are these. */
const find = (path) => path.reduce((node, index) => node.childNodes[index], stack.at(-1));

// What the hub drew.

const expected = [];

/** Expects that the next of the drawn nodes that have ids has this name. */
export const expect = (id, name, text) => expected.push({ id, name, text });

/**
 * Gives the drawn nodes below the root their ids, if they are those that are expected;
 * returns whether they are. Texts that differ are corrected.
 */
export function takeOver(root) {
  const drawn = [];
  for (const element of nodes[root].querySelectorAll("[data-node-hydration]")) {
    drawn[parseInt(element.dataset.nodeHydration)] = element;
  }
  const comments = document.createTreeWalker(nodes[root], NodeFilter.SHOW_COMMENT);
  while (comments.nextNode()) {
    const comment = comments.currentNode;
    const [, mark, index] = comment.data.match(/^(node-id|placeholder)(\d+)$/) ?? [];
    if (mark === "node-id") {
      // An empty text has no node yet.
      if (comment.nextSibling.nodeType !== Node.TEXT_NODE) comment.after("");
      drawn[index] = comment.nextSibling;
    } else if (mark) {
      drawn[index] = comment;
    }
  }
  const isExpected = ({ name }, index) => {
    const node = drawn[index];
    return name === (node?.localName ?? node?.nodeName);
  };
  const fits = drawn.length === expected.length && expected.every(isExpected);
  if (fits) {
    expected.forEach(({ id, text }, index) => {
      nodes[id] = drawn[index];
      if (text !== undefined && text !== drawn[index].data) drawn[index].data = text;
    });
  }
  return fits;
}

export const clear = (id) => nodes[id].replaceChildren();

// Templates.

export const createElement = (tag, namespace) =>
  put(LAST, namespace ? document.createElementNS(namespace, tag) : document.createElement(tag));

/** Moves the nodes on top of the stack into the element below them. */
export function close(count) {
  const children = take(count);
  stack.at(-1).append(...children);
}

export const saveTemplate = (count) => templates.push(take(count));

export const cloneTemplate = (template, root, id) =>
  put(id, templates[template][root].cloneNode(true));

// Nodes.

export const createText = (text, id) => put(id, document.createTextNode(text));
export const createPlaceholder = (id) => put(id, document.createComment(""));
export const push = (id) => stack.push(nodes[id]);

export function assignId(path, id) {
  nodes[id] = find(path);
}

const WAYS = ["append", "after", "before", "replaceWith"];

/** Puts the nodes on top of the stack where the way says. */
export function place(id, way, count) {
  nodes[id][WAYS[way]](...take(count));
}

export function replaceAt(path, count) {
  const nodes = take(count);
  find(path).replaceWith(...nodes);
}

export const remove = (id) => nodes[id].remove();

export function setText(id, text) {
  nodes[id].data = text;
}

/** Attributes that only set the initial value, or that are none, are properties. */
const PROPERTIES = {
  checked: "checked",
  dangerous_inner_html: "innerHTML",
  initial_checked: "defaultChecked",
  initial_selected: "defaultSelected",
  initial_value: "defaultValue",
  value: "value",
};

/** Sets an attribute, or a property of the element's style; `undefined` removes it. */
export function setAttribute(id, name, isStyle, value) {
  const node = nodes[id];
  const isFlag = typeof value === "boolean" && name in node;
  const property = isFlag ? name : PROPERTIES[name];
  if (isStyle) {
    node.style.setProperty(name, value ?? "");
  } else if (property) {
    const wanted = value ?? "";
    // Setting it to what it is would move a field's cursor.
    if (node[property] !== wanted) node[property] = wanted;
  } else if (value === undefined) {
    node.removeAttribute(name);
  } else {
    node.setAttribute(name, value);
  }
}

// Events. One listener at the root sees all events of a type on their way to their
// targets, also those that do not bubble.

let handle;

/**
 * Passes events of these types on, which spaces separate. `handler(type, id, bubbles, event)`
 * returns whether to prevent the default action.
 */
export function handleEvents(types, handler) {
  handle = handler;
  for (const type of types.split(" ")) nodes[0].addEventListener(type, dispatch, true);
}

function dispatch(event) {
  const { type, bubbles } = event;
  for (let node = event.target; node; node = bubbles && node.parentNode) {
    const id = node.listens?.[type];
    // The id of a removed node may be another's by now.
    if (nodes[id] === node) {
      if (handle(type, id, bubbles, event)) event.preventDefault();
      return;
    }
  }
}

const sizes = new ResizeObserver((entries) => {
  for (const { target, borderBoxSize } of entries) {
    const [{ inlineSize: width, blockSize: height }] = borderBoxSize;
    dispatch({ type: "resize", bubbles: false, target, width, height });
  }
});

export function listen(id, type) {
  const node = nodes[id];
  node.listens ??= {};
  node.listens[type] = id;
  if (type === "resize") sizes.observe(node);
}

export function stopListening(id, type) {
  const node = nodes[id];
  delete node.listens[type];
  if (type === "resize") sizes.unobserve(node);
}

/** The value of the field that an event is about. */
export const fieldValue = ({ target }) =>
  target.type === "checkbox" ? String(target.checked) : target.value;
