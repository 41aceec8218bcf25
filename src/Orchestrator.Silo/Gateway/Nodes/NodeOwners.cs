using System.Collections.Concurrent;
using Orchestrator.Abstractions.Nodes;
using Orchestrator.Core.Accounts;
using Orchestrator.Core.Ids;

namespace Orchestrator.Silo.Gateway.Nodes;

/// <summary>Whose agent a node has: only its user, or an operator, speaks for it. A node keeps its user, so that an answer is good for as long as the silo runs.</summary>
internal sealed class NodeOwners(IGrainFactory grains)
{
    private readonly ConcurrentDictionary<NodeId, string> users = new();

    /// <exception cref="ProblemException">The node is another user's.</exception>
    public async ValueTask CheckAsync(NodeId node, Caller caller)
    {
        if (caller.Principal.Role >= Role.Operator)
        {
            return;
        }

        if (!users.TryGetValue(node, out var user))
        {
            if (await grains.GetGrain<INodeGrain>(node.Value).GetAsync() is not { User.Length: > 0 } view)
            {
                // Nobody's yet; the node answers whoever asks that it wants a registration.
                return;
            }

            users[node] = user = view.User;
        }

        if (user != caller.Principal.User)
        {
            throw ProblemException.Forbidden($"The node {node} is {user}'s.");
        }
    }
}
