using System.Diagnostics.CodeAnalysis;

namespace Orleans.Serialization;

/// <summary>
/// What one copy has met so far, so that an object that occurs twice, or contains itself, is copied once. Scopes are reused by
/// their thread: a copy runs to its end without awaiting.
/// </summary>
internal sealed class CopyScope
{
    // Clearing a dictionary costs by its capacity: one that a large message filled is not kept for small ones.
    private const int KeptCapacity = 256;

    [ThreadStatic]
    private static CopyScope? free;

    private Dictionary<object, object>? copies;
    private object? firstOriginal;
    private object? firstCopy;

    /// <summary>Takes a scope for one copy.</summary>
    public static CopyScope Enter()
    {
        var scope = free ?? new CopyScope();
        free = null;
        return scope;
    }

    /// <summary>Gives the scope back to its thread.</summary>
    public void Leave()
    {
        firstOriginal = null;
        firstCopy = null;
        if (copies is { Count: > KeptCapacity })
        {
            copies = null;
        }
        else if (copies is { Count: > 0 })
        {
            copies.Clear();
        }

        free = this;
    }

    /// <summary>The copy that was made of an object before.</summary>
    public bool TryGet(object original, [NotNullWhen(true)] out object? copy)
    {
        if (ReferenceEquals(original, firstOriginal))
        {
            copy = firstCopy!;
            return true;
        }

        copy = null;
        return copies is { Count: > 0 } && copies.TryGetValue(original, out copy);
    }

    /// <summary>Remembers a copy, before its contents are copied.</summary>
    public void Record(object original, object copy)
    {
        // Most messages hold one mutable object: it needs no dictionary.
        if (firstOriginal is null)
        {
            firstOriginal = original;
            firstCopy = copy;
        }
        else
        {
            (copies ??= new(ReferenceEqualityComparer.Instance))[original] = copy;
        }
    }
}
