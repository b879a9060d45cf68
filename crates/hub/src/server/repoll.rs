//! A future that is polled again at once if it wakes itself while it is polled: the
//! runtime would take that as a reason to wake another thread.

use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicU8, Ordering};
use std::task::{Context, Poll, Wake, Waker};

/// After so many polls in a row, others get a turn.
const POLLS: usize = 16;

const IDLE: u8 = 0;
const POLLING: u8 = 1;
const WOKEN: u8 = 2;

/// Polls one future.
#[derive(Default)]
pub(super) struct Repoll(Option<(Arc<Inner>, Waker)>);

struct Inner {
    state: AtomicU8,
    task: Waker,
}

impl Wake for Inner {
    fn wake(self: Arc<Self>) {
        self.wake_by_ref();
    }

    fn wake_by_ref(self: &Arc<Self>) {
        if self.state.swap(WOKEN, Ordering::AcqRel) == IDLE {
            self.task.wake_by_ref();
        }
    }
}

impl Repoll {
    /// Polls `future` until it no longer wakes itself.
    pub(super) fn poll<F: Future>(
        &mut self,
        mut future: Pin<&mut F>,
        cx: &mut Context<'_>,
    ) -> Poll<F::Output> {
        let known = self
            .0
            .take_if(|(inner, _)| !inner.task.will_wake(cx.waker()));
        drop(known);
        let (inner, waker) = self.0.get_or_insert_with(|| {
            let inner = Arc::new(Inner {
                state: AtomicU8::new(IDLE),
                task: cx.waker().clone(),
            });
            (Arc::clone(&inner), Waker::from(inner))
        });
        let mut again = Context::from_waker(waker);
        for _ in 0..POLLS {
            inner.state.store(POLLING, Ordering::Release);
            if let Poll::Ready(output) = future.as_mut().poll(&mut again) {
                return Poll::Ready(output);
            }
            let idle =
                inner
                    .state
                    .compare_exchange(POLLING, IDLE, Ordering::AcqRel, Ordering::Acquire);
            if idle.is_ok() {
                return Poll::Pending;
            }
        }
        inner.state.store(IDLE, Ordering::Release);
        cx.waker().wake_by_ref();
        Poll::Pending
    }
}

#[cfg(test)]
mod tests {
    use std::future::poll_fn;
    use std::sync::Mutex;
    use std::sync::atomic::AtomicUsize;

    use super::*;

    #[derive(Default)]
    struct Wakes(AtomicUsize);

    impl Wake for Wakes {
        fn wake(self: Arc<Self>) {
            self.0.fetch_add(1, Ordering::SeqCst);
        }
    }

    #[test]
    fn only_wakes_from_outside_reach_the_task() {
        let wakes = Arc::new(Wakes::default());
        let waker = Waker::from(Arc::clone(&wakes));
        let mut cx = Context::from_waker(&waker);
        let (polls, kept) = (AtomicUsize::new(0), Mutex::new(None));
        // It wakes itself twice, then waits for others.
        let mut future = std::pin::pin!(poll_fn(|cx| {
            *kept.lock().expect("no panic") = Some(cx.waker().clone());
            match polls.fetch_add(1, Ordering::SeqCst) {
                0 | 1 => cx.waker().wake_by_ref(),
                3 => return Poll::Ready(()),
                _ => {}
            }
            Poll::Pending
        }));
        let mut repoll = Repoll::default();
        assert!(repoll.poll(future.as_mut(), &mut cx).is_pending());
        assert_eq!(polls.load(Ordering::SeqCst), 3);
        assert_eq!(wakes.0.load(Ordering::SeqCst), 0);
        let outside = kept.lock().expect("no panic").take().expect("kept");
        outside.wake_by_ref();
        outside.wake();
        assert_eq!(wakes.0.load(Ordering::SeqCst), 1, "once until it is polled");
        assert!(repoll.poll(future.as_mut(), &mut cx).is_ready());
    }

    #[test]
    fn a_future_that_never_rests_lets_others_run() {
        let wakes = Arc::new(Wakes::default());
        let waker = Waker::from(Arc::clone(&wakes));
        let mut restless = std::pin::pin!(poll_fn(|cx| {
            cx.waker().wake_by_ref();
            Poll::<()>::Pending
        }));
        let poll = Repoll::default().poll(restless.as_mut(), &mut Context::from_waker(&waker));
        assert!(poll.is_pending());
        assert_eq!(wakes.0.load(Ordering::SeqCst), 1);
    }
}
