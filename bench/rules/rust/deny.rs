//! Twenty rules that each deny on one header, as one writes them by hand with the public Rust SDK.

use proxy_wasm::traits::{Context, HttpContext};
use proxy_wasm::types::{Action, LogLevel};

const NAMES: [&str; 20] = [
    "x-deny-0", "x-deny-1", "x-deny-2", "x-deny-3", "x-deny-4", "x-deny-5", "x-deny-6", "x-deny-7",
    "x-deny-8", "x-deny-9", "x-deny-10", "x-deny-11", "x-deny-12", "x-deny-13", "x-deny-14",
    "x-deny-15", "x-deny-16", "x-deny-17", "x-deny-18", "x-deny-19",
];

proxy_wasm::main! {{
    proxy_wasm::set_log_level(LogLevel::Warn);
    proxy_wasm::set_http_context(|_, _| Box::new(Stream));
}}

struct Stream;

impl Context for Stream {}

impl HttpContext for Stream {
    fn on_http_request_headers(&mut self, _: usize, _: bool) -> Action {
        for name in NAMES {
            if self.get_http_request_header(name).as_deref() == Some("yes") {
                self.send_http_response(403, vec![], None);
                return Action::Pause;
            }
        }
        Action::Continue
    }
}
