package engine

import (
	"fmt"
	"strconv"
	"strings"
	"time"
)

// autoscan paces the scans of an interface that finds nothing to join:
// "exponential:<base>:<limit>" multiplies the wait by base each time up to limit
// seconds, "periodic:<seconds>" keeps it constant.
type autoscan struct {
	base, limit int // exponential when base > 0
	period      int // seconds, periodic
	next        int // seconds of the coming wait
}

// parseAutoscan takes the text of the autoscan global; "" is none.
func parseAutoscan(s string) (*autoscan, error) {
	if s == "" {
		return nil, nil
	}
	module, params, _ := strings.Cut(s, ":")
	a := &autoscan{}
	switch module {
	case "exponential":
		base, limit, ok := strings.Cut(params, ":")
		var err1, err2 error
		a.base, err1 = strconv.Atoi(base)
		a.limit, err2 = strconv.Atoi(limit)
		if !ok || err1 != nil || err2 != nil || a.base < 1 || a.limit < 1 {
			return nil, fmt.Errorf("autoscan %q: want exponential:<base>:<limit>", s)
		}
		a.next = a.base
	case "periodic":
		var err error
		if a.period, err = strconv.Atoi(params); err != nil || a.period < 1 {
			return nil, fmt.Errorf("autoscan %q: want periodic:<seconds>", s)
		}
		a.next = a.period
	default:
		return nil, fmt.Errorf("autoscan %q: unknown module", s)
	}
	return a, nil
}

// wait is the time until the next scan; each call moves on.
func (a *autoscan) wait() time.Duration {
	d := time.Duration(a.next) * time.Second
	if a.base > 0 {
		a.next = min(a.next*a.base, a.limit)
	}
	return d
}

// reset starts over after something was found or asked for.
func (a *autoscan) reset() {
	if a.base > 0 {
		a.next = a.base
	}
}
