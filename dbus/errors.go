package dbus

import (
	"errors"
	"fmt"

	"gosupplicant/engine"
)

// Names of errors on the wire.
const (
	service = "fi.w1.wpa_supplicant1"

	nameInvalidArgs       = service + ".InvalidArgs"
	nameUnknownError      = service + ".UnknownError"
	nameInterfaceExists   = service + ".InterfaceExists"
	nameInterfaceUnknown  = service + ".InterfaceUnknown"
	nameInterfaceDisabled = service + ".InterfaceDisabled"
	nameNotConnected      = service + ".NotConnected"
	nameNetworkUnknown    = service + ".NetworkUnknown"
	nameBlobExists        = service + ".BlobExists"
	nameBlobUnknown       = service + ".BlobUnknown"
	nameScanError         = service + ".Interface.ScanError"

	std                = "org.freedesktop.DBus.Error."
	nameStdInvalidArgs = std + "InvalidArgs"
	nameStdFailed      = std + "Failed"
	nameUnknownMethod  = std + "UnknownMethod"
	nameLimitsExceeded = std + "LimitsExceeded"
)

// wireError is an error reply: a name and its string arguments.
type wireError struct {
	name  string
	texts []string
}

func (e *wireError) Error() string {
	if len(e.texts) == 0 {
		return e.name
	}
	return fmt.Sprintf("%s: %q", e.name, e.texts)
}

func wire(name string, texts ...string) *wireError { return &wireError{name, texts} }

// invalidArgs is InvalidArgs with its fixed first text; a second names the
// offending item where that is known.
func invalidArgs(items ...string) *wireError {
	return wire(nameInvalidArgs, append([]string{"Did not receive correct message arguments."}, items...)...)
}

// failed is the error of setters and getters.
func failed(text string) *wireError { return wire(nameStdFailed, text) }

func errWrongType() *wireError { return failed("wrong property type") }

func errMessageFormat() *wireError { return wire(nameStdInvalidArgs, "invalid message format") }

func errInterfaceUnknown() *wireError {
	return wire(nameInterfaceUnknown, "wpa_supplicant knows nothing about this interface.")
}

func errNetworkUnknown() *wireError {
	return wire(nameNetworkUnknown, "There is no such a network in this interface.")
}

func errNotConnected() *wireError {
	return wire(nameNotConnected, "This interface is not connected")
}

func unknownError(text string) *wireError { return wire(nameUnknownError, text) }

// engineErrors maps what the engine refuses with to the wire; the first that
// matches counts.
var engineErrors = []struct {
	is    error
	reply *wireError
}{
	{engine.ErrInterfaceExists, wire(nameInterfaceExists, "wpa_supplicant already controls this interface.")},
	{engine.ErrUnknownInterface, errInterfaceUnknown()},
	{engine.ErrUnknownNetwork, errNetworkUnknown()},
	{engine.ErrNotConnected, errNotConnected()},
	{engine.ErrUnknownBSS, unknownError("Target BSS not found")},
	{engine.ErrDisabled, wire(nameInterfaceDisabled, "This interface is disabled")},
	{engine.ErrBlobExists, wire(nameBlobExists)},
	{engine.ErrUnknownBlob, wire(nameBlobUnknown, "Blob id not set")},
	{engine.ErrUnknownCred, invalidArgs("could not find credential")},
	{engine.ErrUpdateDisabled, unknownError("Not allowed to update configuration (update_config=0)")},
}

// toWire turns an error of a handler into a reply; other is the reply when no
// row of the table fits, nil for UnknownError with the text of err.
func toWire(err error, other *wireError) *wireError {
	var w *wireError
	if errors.As(err, &w) {
		return w
	}
	for _, row := range engineErrors {
		if errors.Is(err, row.is) {
			return row.reply
		}
	}
	if other != nil {
		return other
	}
	return unknownError(err.Error())
}
