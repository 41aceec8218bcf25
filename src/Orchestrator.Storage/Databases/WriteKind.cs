namespace Orchestrator.Storage;

/// <summary>What a write needs around it; asking for no more than needed keeps batches cheap.</summary>
internal enum WriteKind
{
    Absent = 0,

    /// <summary>One statement, or one that writes and then only reads: it is whole by itself.</summary>
    Statement = 1,

    /// <summary>Several statements that are stored together.</summary>
    Transaction = 2,

    /// <summary>Several statements, and the work may throw after some of them: what it did is undone without undoing its neighbours in the batch.</summary>
    Refusable = 3,
}

/// <summary>What a read needs around it.</summary>
internal enum ReadKind
{
    Absent = 0,

    /// <summary>One statement.</summary>
    Statement = 1,

    /// <summary>Several statements that must see the same state.</summary>
    Consistent = 2,
}
