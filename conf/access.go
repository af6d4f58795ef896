package conf

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
)

// TxQueue is one transmit queue of an access point.
type TxQueue struct {
	AIFS         int
	CWMin, CWMax int // 2^n - 1
	Burst        int // maximum burst, units of 0.1 ms
}

// WMMAccess is one WMM access category that an access point announces.
type WMMAccess struct {
	AIFS         int
	CWMin, CWMax int // exponent n of 2^n - 1
	TXOPLimit    int // units of 32 microseconds
	ACM          int // admission control mandatory: 0 or 1
}

// accessRows are the rows of the AP access parameters: accepted, never read back
// and never written.
func accessRows() []field[Globals] {
	rows := make([]field[Globals], 0, 4*len(Globals{}.TxQueue)+5*len(Globals{}.WMM))
	for i := range len(Globals{}.TxQueue) {
		name := fmt.Sprintf("tx_queue_data%d_", i)
		rows = append(rows,
			num(name+"aifs", func(g *Globals) *int { return &g.TxQueue[i].AIFS }, within(0, 255), unsaved(), noGet()),
			window(name+"cwmin", func(g *Globals) *int { return &g.TxQueue[i].CWMin }),
			window(name+"cwmax", func(g *Globals) *int { return &g.TxQueue[i].CWMax }),
			burst(name+"burst", func(g *Globals) *int { return &g.TxQueue[i].Burst }))
	}
	for i, ac := range []string{"be", "bk", "vi", "vo"} {
		name := "wmm_ac_" + ac + "_"
		rows = append(rows,
			num(name+"aifs", func(g *Globals) *int { return &g.WMM[i].AIFS }, within(1, 255), unsaved(), noGet()),
			num(name+"cwmin", func(g *Globals) *int { return &g.WMM[i].CWMin }, within(0, 15), unsaved(), noGet()),
			num(name+"cwmax", func(g *Globals) *int { return &g.WMM[i].CWMax }, within(0, 15), unsaved(), noGet()),
			num(name+"txop_limit", func(g *Globals) *int { return &g.WMM[i].TXOPLimit }, within(0, 65535), unsaved(), noGet()),
			num(name+"acm", func(g *Globals) *int { return &g.WMM[i].ACM }, within(0, 1), unsaved(), noGet()))
	}
	return rows
}

// window is a contention window: one less than a power of two, up to 32767.
func window(name string, at func(*Globals) *int) field[Globals] {
	return bind(name, at, codec[int]{
		parse: func(_ *FieldInfo, s string) (int, error) {
			v, err := parseInt(s)
			if err != nil {
				return 0, err
			}
			if v < 1 || v > 32767 || v&(v+1) != 0 {
				return 0, errors.New("must be 1, 3, 7, 15 ... 32767")
			}
			return v, nil
		},
		print: func(v int) (string, bool) { return strconv.Itoa(v), true },
	}, []option{unsaved(), noGet()})
}

// burst is milliseconds with one decimal.
func burst(name string, at func(*Globals) *int) field[Globals] {
	return bind(name, at, codec[int]{
		parse: func(_ *FieldInfo, s string) (int, error) {
			whole, tenth, _ := strings.Cut(s, ".")
			if tenth == "" {
				tenth = "0"
			}
			w, err1 := strconv.ParseUint(whole, 10, 16)
			t, err2 := strconv.ParseUint(tenth[:1], 10, 8)
			if err1 != nil || err2 != nil {
				return 0, errors.New("want milliseconds with at most one decimal")
			}
			return int(w*10 + t), nil
		},
		print: func(v int) (string, bool) { return fmt.Sprintf("%d.%d", v/10, v%10), true },
	}, []option{unsaved(), noGet()})
}

// oldQueueName reports the names of transmit queues that exist no more.
func oldQueueName(name string) bool {
	rest, ok := strings.CutPrefix(name, "tx_queue_")
	if !ok {
		return false
	}
	for _, p := range []string{"after_beacon_", "beacon_"} {
		if strings.HasPrefix(rest, p) {
			return true
		}
	}
	return len(rest) > 5 && strings.HasPrefix(rest, "data") && rest[4] >= '4' && rest[4] <= '9' && rest[5] == '_'
}
