package bus

import (
	"context"
	"log/slog"
	"time"
)

// Owner is told about the life of the connection by [Supervise], always from
// the goroutine that runs it and one call at a time.
type Owner interface {
	// Up hands over a connection that owns the name. Nothing was read yet:
	// calls that follow see whatever Up prepared.
	Up(*Conn)
	// Batch hands over events; see [Conn.Run].
	Batch(*Conn, []Event)
	// Down tells why the connection handed over last is gone.
	Down(error)
}

// Supervisor keeps a service on the bus.
type Supervisor struct {
	Address string // "" is SystemAddress
	Options Options
	// First is a connection made before, for a caller that must know at start
	// whether the bus is there and the name is free; nil to begin by dialing.
	First *Conn
	// Least and Most bound the time between two attempts, which doubles from
	// one to the other and starts over once a connection has lasted for Most;
	// 0 means 250 ms and 15 s.
	Least, Most time.Duration
}

// Supervise runs connections one after the other until ctx ends: it connects,
// tells the owner, hands over batches, and when the bus is missing, the name
// is taken or the connection ends, says so in the log once and tries again.
// When ctx ends the connection is closed, after sending what its socket takes
// at once.
func Supervise(ctx context.Context, s Supervisor, owner Owner) {
	log := s.Options.Log
	if log == nil {
		log = slog.New(slog.DiscardHandler)
	}
	if s.Least <= 0 {
		s.Least = 250 * time.Millisecond
	}
	if s.Most <= 0 {
		s.Most = 15 * time.Second
	}
	conn, wait := s.First, s.Least
	for ctx.Err() == nil {
		if conn == nil {
			if conn = s.connect(ctx, &wait, log); conn == nil {
				return
			}
		}
		log.Info("bus: connected", "name", s.Options.Name, "unique", conn.Name())
		since := time.Now()
		err := serve(ctx, conn, owner)
		conn = nil
		if ctx.Err() != nil {
			return
		}
		log.Warn("bus: connection lost, connecting again", "err", err)
		if time.Since(since) >= s.Most {
			wait = s.Least
		}
		if !s.pause(ctx, &wait) {
			return
		}
	}
	if conn != nil {
		conn.Close()
	}
}

// serve runs one connection to its end.
func serve(ctx context.Context, conn *Conn, owner Owner) error {
	owner.Up(conn)
	stop := context.AfterFunc(ctx, conn.Close)
	defer stop()
	err := conn.Run(func(batch []Event) { owner.Batch(conn, batch) })
	owner.Down(err)
	return err
}

// connect dials until it succeeds; it returns nil when ctx ends.
func (s *Supervisor) connect(ctx context.Context, wait *time.Duration, log *slog.Logger) *Conn {
	last := ""
	for {
		conn, err := Dial(ctx, s.Address, s.Options)
		if err == nil {
			return conn
		}
		if ctx.Err() != nil {
			return nil
		}
		if err.Error() != last {
			last = err.Error()
			log.Warn("bus: not connected, trying again", "err", err)
		}
		if !s.pause(ctx, wait) {
			return nil
		}
	}
}

// pause waits before the next attempt and doubles the wait after it. It
// reports false when ctx ended.
func (s *Supervisor) pause(ctx context.Context, wait *time.Duration) bool {
	timer := time.NewTimer(*wait)
	defer timer.Stop()
	*wait = min(*wait*2, s.Most)
	select {
	case <-ctx.Done():
		return false
	case <-timer.C:
		return true
	}
}
