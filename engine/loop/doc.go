// Package loop is the single owner goroutine of the engine: everything the
// daemon knows is read and written from inside functions that the loop runs,
// one at a time, so that the engine needs no lock.
//
// # From outside
//
// Readers (bus, sockets, netlink, signals) decode on their own goroutine and
// hand the result in with Post, or with Call when they want to be slowed down
// to the loop's pace. The loop never waits for anybody.
//
// # On the loop
//
// Being on the loop is the default in the engine, so nothing is named "locked".
// After makes a timer; timers fire in (deadline, creation) order. Soon runs a
// function at the end of the present turn. Work that would block (a driver, a
// file, a heavy sum) goes to a Worker, which runs its jobs in order on a
// goroutine of its own and posts each job's completion back.
//
// # Time
//
// Now is monotonic and the same for a whole turn. Real (this package) follows
// the machine's clock; loop/looptest is the twin for tests, with virtual time
// and no goroutine. An idle loop sleeps in one channel receive and wakes for
// nothing.
package loop
