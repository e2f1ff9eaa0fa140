//! The tutorial's demo with the public Rust SDK, written as its examples are: five response
//! headers, `configdata` the configuration as it came, and a fixed window of one second.
//!
//! Configuration, one line of JSON: `"limit":N` calls per window; `"scope":"proxy"` counts in the
//! host's shared data by compare-and-swap, anything else in the worker's VM. It is not checked.

use proxy_wasm::traits::{Context, HttpContext, RootContext};
use proxy_wasm::types::{Action, ContextType, LogLevel};
use std::cell::Cell;
use std::rc::Rc;
use std::time::{Duration, UNIX_EPOCH};

const WINDOW: Duration = Duration::from_secs(1);
const SHARED_KEY: &str = "demo.window";
const SWAPS: u32 = 64;
const DENY_BODY: &[u8] = b"rate limited, wait and retry.";
const DENY_HEADERS: [(&str, &str); 1] = [("powered-by", "proxy-wasm-go-sdk!!")];
const STAMPS: [(&str, &str); 4] = [
    ("who-am-i", "wasm-extension"),
    ("injected-by", "istio-api!"),
    ("hally", "wang"),
    ("wang", "1234567"),
];

proxy_wasm::main! {{
    proxy_wasm::set_log_level(LogLevel::Warn);
    proxy_wasm::set_root_context(|_| Box::new(Plugin::default()));
}}

/// When a window opened, since the epoch, and the calls that it let through.
#[derive(Clone, Copy, Default)]
struct Window {
    opened: Duration,
    used: u64,
}

impl Window {
    /// The window after one more call at `now`; none if that is refused.
    fn after_call(self, now: Duration, limit: u64) -> Option<Window> {
        let open = match now.checked_sub(self.opened) {
            Some(age) if age > WINDOW => Window { opened: now, used: 0 },
            _ => self,
        };
        let used = open.used + 1;
        (used <= limit).then(|| Window { used, ..open })
    }

    fn to_bytes(self) -> [u8; 16] {
        let mut bytes = [0; 16];
        bytes[..8].copy_from_slice(&(self.opened.as_nanos() as u64).to_le_bytes());
        bytes[8..].copy_from_slice(&self.used.to_le_bytes());
        bytes
    }

    fn from_bytes(bytes: &[u8]) -> Option<Window> {
        let opened = u64::from_le_bytes(bytes.get(..8)?.try_into().ok()?);
        let used = u64::from_le_bytes(bytes.get(8..)?.try_into().ok()?);
        Some(Window { opened: Duration::from_nanos(opened), used })
    }
}

#[derive(Default)]
struct Settings {
    text: String,
    limit: u64,
    shared: bool,
}

#[derive(Default)]
struct Plugin {
    settings: Rc<Settings>,
    window: Rc<Cell<Window>>,
}

impl Context for Plugin {}

impl RootContext for Plugin {
    fn on_configure(&mut self, _: usize) -> bool {
        let bytes = self.get_plugin_configuration().unwrap_or_default();
        let text = match String::from_utf8(bytes) {
            Ok(text) => text,
            Err(_) => return false,
        };
        let limit = number_after(&text, "\"limit\":").unwrap_or(2);
        let shared = text.contains("\"scope\":\"proxy\"");
        self.settings = Rc::new(Settings { text, limit, shared });
        true
    }

    fn create_http_context(&self, _: u32) -> Option<Box<dyn HttpContext>> {
        Some(Box::new(Stream {
            settings: self.settings.clone(),
            window: self.window.clone(),
        }))
    }

    fn get_type(&self) -> Option<ContextType> {
        Some(ContextType::HttpContext)
    }
}

fn number_after(text: &str, key: &str) -> Option<u64> {
    let rest = &text[text.find(key)? + key.len()..];
    let end = rest.find(|c: char| !c.is_ascii_digit()).unwrap_or(rest.len());
    rest[..end].parse().ok()
}

struct Stream {
    settings: Rc<Settings>,
    window: Rc<Cell<Window>>,
}

impl Stream {
    fn admits(&self) -> bool {
        let now = self.get_current_time().duration_since(UNIX_EPOCH).unwrap_or_default();
        if self.settings.shared {
            return self.admits_shared(now);
        }
        let next = self.window.get().after_call(now, self.settings.limit);
        if let Some(window) = next {
            self.window.set(window);
        }
        next.is_some()
    }

    fn admits_shared(&self, now: Duration) -> bool {
        for _ in 0..SWAPS {
            let (bytes, version) = self.get_shared_data(SHARED_KEY);
            let window = bytes.as_deref().and_then(Window::from_bytes).unwrap_or_default();
            let next = match window.after_call(now, self.settings.limit) {
                Some(next) => next,
                None => return false,
            };
            if self.set_shared_data(SHARED_KEY, Some(&next.to_bytes()), version).is_ok() {
                return true;
            }
        }
        false
    }
}

impl Context for Stream {}

impl HttpContext for Stream {
    fn on_http_request_headers(&mut self, _: usize, _: bool) -> Action {
        if self.admits() {
            return Action::Continue;
        }
        self.send_http_response(403, DENY_HEADERS.to_vec(), Some(DENY_BODY));
        Action::Pause
    }

    // Runs for the 403 above as well.
    fn on_http_response_headers(&mut self, _: usize, _: bool) -> Action {
        for (name, value) in STAMPS {
            self.add_http_response_header(name, value);
        }
        self.add_http_response_header("configdata", &self.settings.text);
        Action::Continue
    }
}
