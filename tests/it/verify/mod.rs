//! `portalgen verify`, against portals that stubs play: right ones, and each one broken in one way.

mod portal;
mod stub;

mod broken;
mod live;
mod right;
mod usage;
