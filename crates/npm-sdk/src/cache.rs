//! Caches of data keys. They outlive operations: JavaScript holds a [`Cache`], and the settings of a client, which is built anew for each
//! operation, name it by its number.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::rc::Rc;
use std::sync::Arc;

use wasm_bindgen::prelude::*;
use waxseal::{CacheLimits, Client, MaterialsCache};
use waxseal_base::threading::BoxFuture;

use crate::error;
use crate::operation::Desk;
use crate::settings::env;

/// A cache. Given back, it forgets everything.
#[wasm_bindgen]
pub struct Cache {
    number: u32,
    cache: MaterialsCache,
}

#[wasm_bindgen]
impl Cache {
    /// An empty one. Limits that can not be are a mistake of JavaScript, which has checked them.
    #[wasm_bindgen(constructor)]
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "JavaScript gives whole numbers from 1")]
    pub fn new(max_age: u32, max_messages: Option<f64>, max_bytes: Option<f64>, capacity: Option<u32>) -> Result<Self, JsValue> {
        let most = CacheLimits::of_age(max_age);
        let limits = CacheLimits {
            max_messages: max_messages.map_or(most.max_messages, |count| count as u64),
            max_bytes: max_bytes.map_or(most.max_bytes, |count| count as u64),
            capacity: capacity.map_or(most.capacity, |count| count as usize),
            ..most
        };
        let cache = MaterialsCache::new(env(), limits).map_err(|error| error::to_js(&error))?;
        Ok(CACHES.with_borrow_mut(|caches| {
            let number = caches.last_key_value().map_or(0, |(last, _)| last.wrapping_add(1));
            caches.insert(number, cache.clone());
            Self { number, cache }
        }))
    }

    /// How settings name it.
    #[wasm_bindgen(getter)]
    pub fn number(&self) -> u32 {
        self.number
    }

    /// Evicts everything.
    pub fn clear(&self) {
        self.cache.clear();
    }
}

impl Drop for Cache {
    fn drop(&mut self) {
        CACHES.with_borrow_mut(|caches| caches.remove(&self.number));
        self.cache.clear();
    }
}

/// The client with the cache of that number, unless that is no more. Its refreshes are left on the operation's desk.
pub(crate) fn used_by(client: Client, number: u32, partition: String, desk: &Rc<Desk>) -> Client {
    let Some(cache) = CACHES.with_borrow(|caches| caches.get(&number).cloned()) else { return client };
    let desk = Rc::clone(desk);
    let background = move |task: BoxFuture<'static, ()>| desk.leave_task(task);
    client.with_shared_cache(cache, partition).with_background(Arc::new(background))
}

thread_local! {
    static CACHES: RefCell<BTreeMap<u32, MaterialsCache>> = const { RefCell::new(BTreeMap::new()) };
}
