//! The real window under Xvfb, driven by WebKitWebDriver.

mod disk;
mod first_lab;
mod packs;
mod screen;
