//go:build !testoptions

package rsn

// tamper is where binaries built with the tag testoptions let test programs
// change what a Machine sends. In all others it is empty and changes nothing.
type tamper struct{}

func (tamper) channel(_ Message, own OCI) OCI { return own }
func (tamper) frame(Message, *KeyFrame)       {}
