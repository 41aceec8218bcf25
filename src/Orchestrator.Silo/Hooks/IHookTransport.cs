namespace Orchestrator.Silo.Hooks;

/// <summary>How a question gets to a hook, and its answer back.</summary>
internal interface IHookTransport
{
    /// <summary>The answer's text, whatever it is.</summary>
    /// <exception cref="HookFailedException">There is none; the message says why.</exception>
    /// <exception cref="OperationCanceledException">Nobody waits any more; whatever was started is ended.</exception>
    Task<string> AskAsync(string question, CancellationToken cancellationToken);
}

/// <summary>A hook gave no answer. It stays inside the runner of hooks.</summary>
internal sealed class HookFailedException(string message, Exception? inner = null) : Exception(message, inner)
{
    /// <summary>So many characters of an answer are read.</summary>
    public const int AnswerMax = 16 << 20;
}
