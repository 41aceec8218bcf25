namespace Climate.Protocol;

/// <summary>The caller asked for something that cannot be: the message names the option and what is allowed.</summary>
internal sealed class UsageException(string message) : Exception(message);
