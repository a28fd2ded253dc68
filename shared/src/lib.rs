//! What functions share: our domain, and what every function needs to run. It knows no function, no
//! agent and no platform's wire.

// What every function needs to run: start, HTTP edge, time, keys, configuration in force, logs.
pub mod aws;
pub mod clock;
pub mod edge;
pub mod env;
pub mod keys;
pub mod live;
pub mod secrets;
pub mod startup;
pub mod telemetry;

// Our domain: who is who, what they said, what is configured, who may talk, turns, where they are
// kept, how they travel, and the sentences people read.
pub mod access;
pub mod config;
pub mod identity;
pub mod message;
pub mod queue;
pub mod store;
pub mod text;
pub mod turn;

#[cfg(test)]
mod test_keys;
