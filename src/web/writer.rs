//! Dioxus' changes to the page as calls of `dom.js`.

use dioxus::core::{
    AttributeValue, ElementId, Template, TemplateAttribute, TemplateNode, WriteMutations,
};
use wasm_bindgen::JsValue;

use super::dom;

/// Places relative to a node, by their indexes in `dom.js`.
const INSIDE: u8 = 0;
const AFTER: u8 = 1;
const BEFORE: u8 = 2;
const INSTEAD: u8 = 3;

/// Writes to the page. There is one type of writer only: each would have its own
/// copy of Dioxus' diffing in the page's code.
#[derive(Default)]
pub(super) struct Writer {
    /// The nodes that a first draw creates are there already.
    pub(super) is_drawn: bool,
    /// The templates' roots, by their indexes in `dom.js`.
    templates: Vec<*const TemplateNode>,
    /// The names of attributes and events in JavaScript, decoded once.
    names: Vec<(&'static str, JsValue)>,
}

impl Writer {
    /// The index of a template, which is built when it is used first.
    fn template(&mut self, template: Template) -> usize {
        let roots = template.roots.as_ptr();
        let known = self.templates.iter().position(|known| *known == roots);
        known.unwrap_or_else(|| {
            template.roots.iter().for_each(|root| self.build(root));
            dom::save_template(template.roots.len());
            self.templates.push(roots);
            self.templates.len() - 1
        })
    }

    fn build(&mut self, node: &TemplateNode) {
        match node {
            TemplateNode::Element {
                tag,
                namespace,
                attrs,
                children,
            } => {
                dom::create_element(tag, *namespace);
                for attribute in *attrs {
                    if let TemplateAttribute::Static {
                        name,
                        value,
                        namespace,
                    } = attribute
                    {
                        self.set(name, *namespace, (*value).into(), dom::LAST);
                    }
                }
                children.iter().for_each(|child| self.build(child));
                dom::close(children.len());
            }
            TemplateNode::Text { text } => dom::create_text(text, dom::LAST),
            TemplateNode::Dynamic { .. } => dom::create_placeholder(dom::LAST),
        }
    }

    fn set(&mut self, name: &'static str, namespace: Option<&str>, value: JsValue, id: u32) {
        dom::set_attribute(id, self.name(name), namespace == Some("style"), value);
    }

    fn name(&mut self, name: &'static str) -> &JsValue {
        let known = |(known, _): &(&str, JsValue)| std::ptr::eq(*known, name);
        let index = self.names.iter().position(known).unwrap_or_else(|| {
            self.names.push((name, name.into()));
            self.names.len() - 1
        });
        &self.names[index].1
    }
}

pub(super) fn id(id: ElementId) -> u32 {
    id.0 as u32
}

impl WriteMutations for Writer {
    fn append_children(&mut self, parent: ElementId, count: usize) {
        if !self.is_drawn {
            dom::place(id(parent), INSIDE, count);
        }
    }

    fn assign_node_id(&mut self, path: &'static [u8], node: ElementId) {
        if !self.is_drawn {
            dom::assign_id(path, id(node));
        }
    }

    fn create_placeholder(&mut self, node: ElementId) {
        if !self.is_drawn {
            dom::create_placeholder(id(node));
        }
    }

    fn create_text_node(&mut self, text: &str, node: ElementId) {
        if !self.is_drawn {
            dom::create_text(text, id(node));
        }
    }

    fn load_template(&mut self, template: Template, index: usize, node: ElementId) {
        if !self.is_drawn {
            dom::clone_template(self.template(template), index, id(node));
        }
    }

    fn replace_node_with(&mut self, node: ElementId, count: usize) {
        if !self.is_drawn {
            dom::place(id(node), INSTEAD, count);
        }
    }

    fn replace_placeholder_with_nodes(&mut self, path: &'static [u8], count: usize) {
        if !self.is_drawn {
            dom::replace_at(path, count);
        }
    }

    fn insert_nodes_after(&mut self, node: ElementId, count: usize) {
        if !self.is_drawn {
            dom::place(id(node), AFTER, count);
        }
    }

    fn insert_nodes_before(&mut self, node: ElementId, count: usize) {
        if !self.is_drawn {
            dom::place(id(node), BEFORE, count);
        }
    }

    fn set_attribute(
        &mut self,
        name: &'static str,
        namespace: Option<&'static str>,
        value: &AttributeValue,
        node: ElementId,
    ) {
        if self.is_drawn {
            return;
        }
        let value = match value {
            AttributeValue::Text(text) => text.into(),
            AttributeValue::Float(number) => (*number).into(),
            AttributeValue::Int(number) => (*number as f64).into(),
            AttributeValue::Bool(flag) => (*flag).into(),
            _ => JsValue::UNDEFINED,
        };
        self.set(name, namespace, value, id(node));
    }

    fn set_node_text(&mut self, text: &str, node: ElementId) {
        dom::set_text(id(node), text);
    }

    fn create_event_listener(&mut self, event: &'static str, node: ElementId) {
        if !self.is_drawn {
            dom::listen(id(node), self.name(event));
        }
    }

    fn remove_event_listener(&mut self, event: &'static str, node: ElementId) {
        dom::stop_listening(id(node), self.name(event));
    }

    fn remove_node(&mut self, node: ElementId) {
        dom::remove(id(node));
    }

    fn push_root(&mut self, node: ElementId) {
        dom::push(id(node));
    }
}
