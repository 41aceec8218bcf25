using Orchestrator.Core.Accounts;

namespace Orchestrator.Silo.Gateway;

/// <summary>Who calls, and what that one may see and change. Without an institution: everything.</summary>
internal sealed record Caller(Principal Principal)
{
    public bool SeesEverything => Principal.Institution.Length == 0;

    /// <summary>"institution/project" as in campaign files; empty for what concerns none.</summary>
    public bool Sees(string? project) => SeesEverything || string.IsNullOrEmpty(project)
        || (project.Split('/') is [var institution, var name] && Sees(institution, name));

    public bool Sees(Ownership owner) => Sees(owner.Institution, owner.Project);

    public bool Sees(string institution, string project) =>
        SeesEverything || (institution == Principal.Institution && (Principal.Projects.IsEmpty || Principal.Projects.Contains(project)));

    /// <summary>A submitter changes what is its own; an operator what it sees.</summary>
    public bool Controls(Ownership owner) => Sees(owner) && (Principal.Role >= Role.Operator || (Principal.Role >= Role.Submitter && owner.User == Principal.User));
}
