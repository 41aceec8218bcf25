namespace Orleans.Core;

/// <summary>A stored record.</summary>
public interface IStorage
{
    /// <summary>The version of the record that was read or written last.</summary>
    string? Etag { get; }

    /// <summary>Whether the record exists.</summary>
    bool RecordExists { get; }

    /// <summary>Clears the record.</summary>
    Task ClearStateAsync();

    /// <summary>Clears the record.</summary>
    Task ClearStateAsync(CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        return ClearStateAsync();
    }

    /// <summary>Writes the record.</summary>
    /// <exception cref="Storage.InconsistentStateException">Somebody else wrote it meanwhile.</exception>
    Task WriteStateAsync();

    /// <summary>Writes the record.</summary>
    Task WriteStateAsync(CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        return WriteStateAsync();
    }

    /// <summary>Reads the record; a change that was not written is lost.</summary>
    Task ReadStateAsync();

    /// <summary>Reads the record; a change that was not written is lost.</summary>
    Task ReadStateAsync(CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        return ReadStateAsync();
    }
}

/// <summary>A stored record with its value.</summary>
public interface IStorage<TState> : IStorage
{
    /// <summary>The value.</summary>
    TState State { get; set; }
}
