using Orchestrator.Core.Accounts;

namespace Orchestrator.Abstractions.Access;

/// <summary>The least role that may call a grain method from outside. Without it methods that only read need <see cref="Role.Viewer"/>, all others <see cref="Role.Submitter"/>.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class RequiresRoleAttribute(Role role) : Attribute
{
    public Role Role { get; } = role;
}
