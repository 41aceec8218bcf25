namespace Orchestrator.Core.Accounts;

/// <summary>What a principal may do; each role includes those below it.</summary>
[GenerateSerializer, Alias("orchestrator.role")]
public enum Role
{
    Absent = 0,
    Viewer = 1,
    Submitter = 2,
    Operator = 3,
    Administrator = 4,
}
