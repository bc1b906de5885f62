//! The real window under Xvfb, driven by WebKitWebDriver.

mod first_lab;
mod screen;
