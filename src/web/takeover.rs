//! Takes over what the hub drew: a first draw that is equal to it gets the nodes that
//! are there. Marks in the drawing number the nodes that have ids, in the order of this
//! walk.

use dioxus::core::{
    AttributeValue, DynamicNode, ElementId, ScopeState, TemplateAttribute, TemplateNode, VNode,
    VirtualDom, WriteMutations,
};

use super::dom;
use super::writer::{Writer, id};

/// Draws the tree into the nodes that the hub drew; returns whether they fit it. If
/// they do not, nothing has changed.
pub(super) fn take_over(tree: &mut VirtualDom, writer: &mut Writer) -> bool {
    writer.is_drawn = true;
    tree.rebuild(writer);
    writer.is_drawn = false;
    let mut walk = Walk {
        tree,
        listeners: Vec::new(),
    };
    let fits = walk.scope(tree.base_scope()).is_some() && dom::take_over(0);
    if fits {
        for (event, node) in walk.listeners {
            writer.create_event_listener(event, node);
        }
    }
    fits
}

struct Walk<'a> {
    tree: &'a VirtualDom,
    /// The events that nodes listen to.
    listeners: Vec<(&'static str, ElementId)>,
}

/// Each returns `None` if a node has no id, as it has after a first draw.
impl Walk<'_> {
    fn scope(&mut self, scope: &ScopeState) -> Option<()> {
        self.vnode(scope.root_node())
    }

    fn vnode(&mut self, vnode: &VNode) -> Option<()> {
        let roots = vnode.template.roots.iter().enumerate();
        for (index, root) in roots {
            let root_id = vnode.mounted_root(index, self.tree);
            self.node(vnode, root, Some(root_id?))?;
        }
        Some(())
    }

    /// A node of a template; roots have an id.
    fn node(&mut self, vnode: &VNode, node: &TemplateNode, root: Option<ElementId>) -> Option<()> {
        match node {
            TemplateNode::Element {
                tag,
                attrs,
                children,
                ..
            } => {
                let mut element = root;
                for attribute in *attrs {
                    if let TemplateAttribute::Dynamic { id } = attribute {
                        let node = vnode.mounted_dynamic_attribute(*id, self.tree)?;
                        element = Some(node);
                        self.listeners(vnode, *id, node);
                    }
                }
                if let Some(element) = element {
                    dom::expect(id(element), tag, None);
                }
                for child in *children {
                    self.node(vnode, child, None)?;
                }
            }
            TemplateNode::Text { text } => {
                if let Some(root) = root {
                    dom::expect(id(root), TEXT, Some(text));
                }
            }
            TemplateNode::Dynamic { id } => self.dynamic(vnode, *id)?,
        }
        Some(())
    }

    fn dynamic(&mut self, vnode: &VNode, index: usize) -> Option<()> {
        let node = || vnode.mounted_dynamic_node(index, self.tree).map(id);
        match &vnode.dynamic_nodes[index] {
            DynamicNode::Text(text) => dom::expect(node()?, TEXT, Some(&text.value)),
            DynamicNode::Placeholder(_) => dom::expect(node()?, "#comment", None),
            DynamicNode::Component(component) => {
                self.scope(component.mounted_scope(index, vnode, self.tree)?)?;
            }
            DynamicNode::Fragment(vnodes) => {
                for vnode in vnodes {
                    self.vnode(vnode)?;
                }
            }
        }
        Some(())
    }

    fn listeners(&mut self, vnode: &VNode, attributes: usize, node: ElementId) {
        for attribute in &*vnode.dynamic_attrs[attributes] {
            if let (AttributeValue::Listener(_), Some(event)) =
                (&attribute.value, attribute.name.strip_prefix("on"))
            {
                self.listeners.push((event, node));
            }
        }
    }
}

const TEXT: &str = "#text";
