namespace Kobune.Kubelet.Volumes;

/// <summary>A file of a volume that the kubelet writes.</summary>
/// <param name="Content">The bytes.</param>
/// <param name="Mode">Permission bits.</param>
/// <param name="Owner">The user that owns the file; null is root.</param>
internal sealed record VolumeFile(ReadOnlyMemory<byte> Content, int Mode, long? Owner = null);

/// <summary>A volume cannot be set up now; the message goes into a FailedMount event.</summary>
internal sealed class VolumeException(string message, Exception? cause = null) : Exception(message, cause);
