//! The real window under Xvfb, driven by WebKitWebDriver.

mod accessible;
mod chromium;
mod containers;
mod disk;
mod faults;
mod first_lab;
mod keeping;
mod manners;
mod models;
mod packs;
mod portfolio;
mod reviewed;
mod screen;
mod telling;
mod terminal;
mod vectors;
