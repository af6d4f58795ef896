//go:build !testoptions

package engine

import (
	"gosupplicant/drivers"
	"gosupplicant/engine/dot11"
	"gosupplicant/engine/rsn"
	"gosupplicant/engine/sae"
)

// tamper is where binaries built with the tag testoptions let test programs
// change what an interface hears and sends. In all others it is empty, and each
// of its methods gives back what it is given.
type tamper struct{}

func (tamper) close(*Interface)                                       {}
func (tamper) reset()                                                 {}
func (tamper) hears(*Interface, drivers.Event) (taken bool)           { return false }
func (tamper) level(_ dot11.MAC, dbm int) int                         { return dbm }
func (tamper) signal(*Interface, *drivers.Signal)                     {}
func (tamper) exchange(*sae.Config)                                   {}
func (tamper) commit(s sae.Send) sae.Send                             { return s }
func (tamper) rsnxe(whole []byte) []byte                              { return whole }
func (tamper) request(*attempt, *drivers.AssocParams)                 {}
func (tamper) association(*rsn.Association)                           {}
func (tamper) machine(*rsn.Machine)                                   {}
func (tamper) sends(_ *Interface, s rsn.Send) (out rsn.Send, ok bool) { return s, true }
func (tamper) order(outs []rsn.Output) []rsn.Output                   { return outs }
func (tamper) installs(*drivers.Key)                                  {}
func (tamper) asks() bool                                             { return true }
func (tamper) query(frame []byte, _ byte) []byte                      { return frame }
