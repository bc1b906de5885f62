//! The real window under Xvfb, driven by WebKitWebDriver.

mod disk;
mod faults;
mod first_lab;
mod keeping;
mod packs;
mod screen;
mod telling;
mod vectors;
