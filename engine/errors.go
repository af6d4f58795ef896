package engine

import (
	"errors"
	"fmt"
)

// What a request can be refused with; each front end maps these to its wire
// names in one table.
var (
	ErrUnknownInterface = errors.New("no such interface")
	ErrInterfaceExists  = errors.New("interface is managed already")
	ErrUnknownNetwork   = errors.New("no such network")
	ErrUnknownBSS       = errors.New("no such BSS")
	ErrUnknownBlob      = errors.New("no such blob")
	ErrBlobExists       = errors.New("blob exists")
	ErrUnknownCred      = errors.New("no such credential")
	ErrUnknownWork      = errors.New("no such radio work")
	ErrBusy             = errors.New("busy")
	ErrDisabled         = errors.New("interface is disabled")
	ErrNotConnected     = errors.New("not connected")
	ErrNotScanning      = errors.New("no scan is running")
	ErrNotSupported     = errors.New("not supported by this device")
	ErrNoConfigFile     = errors.New("interface has no configuration file")
	ErrUpdateDisabled   = errors.New("update_config is not set")
	ErrLimit            = errors.New("limit reached")
)

// InvalidError tells which part of a request is wrong.
type InvalidError struct {
	What string // the argument or field
	Err  error  // why, may be nil
}

func (e *InvalidError) Error() string {
	if e.Err == nil {
		return "invalid " + e.What
	}
	return fmt.Sprintf("invalid %s: %v", e.What, e.Err)
}

func (e *InvalidError) Unwrap() error { return e.Err }
