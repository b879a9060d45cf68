//! The browser's events as Dioxus' event data. What no component reads of them has a
//! neutral value.

use std::any::Any;

use dioxus::html::geometry::{ClientPoint, ElementPoint, PagePoint, PixelsSize, ScreenPoint};
use dioxus::html::input_data::{MouseButton, MouseButtonSet};
use dioxus::html::*;

use super::dom::{self, DomEvent};

/// The types of events that the page's components may listen to, besides `resize`.
pub(super) const EVENTS: &str =
    "blur change click focus input pointerdown pointerleave pointermove pointerup";

impl InteractionLocation for DomEvent {
    fn client_coordinates(&self) -> ClientPoint {
        ClientPoint::default()
    }

    fn screen_coordinates(&self) -> ScreenPoint {
        ScreenPoint::default()
    }

    fn page_coordinates(&self) -> PagePoint {
        PagePoint::default()
    }
}

impl InteractionElementOffset for DomEvent {
    fn element_coordinates(&self) -> ElementPoint {
        ElementPoint::new(self.offset_x(), self.offset_y())
    }
}

impl ModifiersInteraction for DomEvent {
    fn modifiers(&self) -> Modifiers {
        Modifiers::empty()
    }
}

impl PointerInteraction for DomEvent {
    fn held_buttons(&self) -> MouseButtonSet {
        MouseButtonSet::empty()
    }

    fn trigger_button(&self) -> Option<MouseButton> {
        None
    }
}

impl HasMouseData for DomEvent {
    fn as_any(&self) -> &dyn Any {
        self
    }
}

impl HasPointerData for DomEvent {
    fn pointer_id(&self) -> i32 {
        0
    }

    fn width(&self) -> f64 {
        0.0
    }

    fn height(&self) -> f64 {
        0.0
    }

    fn pressure(&self) -> f32 {
        0.0
    }

    fn tangential_pressure(&self) -> f32 {
        0.0
    }

    fn tilt_x(&self) -> i32 {
        0
    }

    fn tilt_y(&self) -> i32 {
        0
    }

    fn twist(&self) -> i32 {
        0
    }

    fn pointer_type(&self) -> String {
        DomEvent::pointer_type(self)
    }

    fn is_primary(&self) -> bool {
        true
    }

    fn as_any(&self) -> &dyn Any {
        self
    }
}

impl HasFileData for DomEvent {
    fn files(&self) -> Vec<FileData> {
        Vec::new()
    }
}

impl HasFormData for DomEvent {
    fn value(&self) -> String {
        dom::field_value(self)
    }

    fn valid(&self) -> bool {
        true
    }

    fn values(&self) -> Vec<(String, FormValue)> {
        Vec::new()
    }

    fn as_any(&self) -> &dyn Any {
        self
    }
}

impl HasFocusData for DomEvent {
    fn as_any(&self) -> &dyn Any {
        self
    }
}

impl HasResizeData for DomEvent {
    fn get_border_box_size(&self) -> ResizeResult<PixelsSize> {
        Ok(PixelsSize::new(
            DomEvent::width(self),
            DomEvent::height(self),
        ))
    }

    fn as_any(&self) -> &dyn Any {
        self
    }
}

/// Converts the events that the page's components listen to.
pub(super) struct Converter;

fn event(data: &PlatformEventData) -> DomEvent {
    let event = data.downcast::<DomEvent>();
    event.expect("all events come from `dom.js`").clone()
}

macro_rules! converter {
    (
        used { $($used:ident -> $data:ident,)* }
        unused { $($unused:ident -> $other:ident,)* }
    ) => {
        impl HtmlEventConverter for Converter {
            $(fn $used(&self, data: &PlatformEventData) -> $data {
                $data::from(event(data))
            })*
            $(fn $unused(&self, _: &PlatformEventData) -> $other {
                unreachable!("no component of the page listens to such events")
            })*
        }
    };
}

converter! {
    used {
    convert_focus_data -> FocusData,
        convert_form_data -> FormData,
        convert_mouse_data -> MouseData,
        convert_pointer_data -> PointerData,
        convert_resize_data -> ResizeData,
    }
    unused {
        convert_animation_data -> AnimationData,
        convert_cancel_data -> CancelData,
        convert_clipboard_data -> ClipboardData,
        convert_composition_data -> CompositionData,
        convert_drag_data -> DragData,
        convert_image_data -> ImageData,
        convert_keyboard_data -> KeyboardData,
        convert_media_data -> MediaData,
        convert_mounted_data -> MountedData,
        convert_scroll_data -> ScrollData,
        convert_selection_data -> SelectionData,
        convert_toggle_data -> ToggleData,
        convert_touch_data -> TouchData,
        convert_transition_data -> TransitionData,
        convert_visible_data -> VisibleData,
        convert_wheel_data -> WheelData,
    }
}
