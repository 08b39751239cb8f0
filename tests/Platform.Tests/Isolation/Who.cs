using BeschutWerk.Backbone.Security;
using BeschutWerk.Backbone.Store;
using BeschutWerk.Contracts.Backbone;
using Google.Protobuf.Reflection;
using Grpc.Core;

namespace BeschutWerk.Platform.Tests.Isolation;

/// <summary>One who calls.</summary>
/// <param name="Name">As it stands in the page.</param>
/// <param name="Kind">UNSPECIFIED for who shows no token that is one.</param>
/// <param name="OrganisationId">As in the token.</param>
/// <param name="Bsn">Of a citizen: who they are.</param>
/// <param name="Municipalities">Codes that its token speaks for; of a company those with which it has a contract.</param>
internal sealed record Who(string Name, OrganisationKind Kind, string OrganisationId, string Bsn, string[] Municipalities, CallInvoker Invoker)
{
    public string Actor => Kind == OrganisationKind.Unspecified ? "" : Caller.ActorOf(Kind, OrganisationId);

    /// <summary>The municipality that its calls name unless another one is tried.</summary>
    public string Home => Municipalities.Length > 0 ? Municipalities[0] : IsolationPlatform.Amsterdam;

    /// <summary>Whether the contract lets it call at all.</summary>
    public bool MayCall(MethodDescriptor method)
    {
        var options = method.GetOptions();
        return (options.GetExtension(RulesExtensions.Callers) ?? []).Contains(Kind)
            && (Kind != OrganisationKind.Service || options.GetExtension(RulesExtensions.CallerServices).Contains(OrganisationId));
    }
}

/// <summary>Something that belongs to somebody: an id, a token, the name of a person.</summary>
/// <param name="Field">Field in which a request names it, as <see cref="Places.Of"/> calls it.</param>
/// <param name="Value">The text.</param>
/// <param name="Municipality">In whose stores it is; empty for what is in no municipality's.</param>
/// <param name="Thread">Says what belongs together, such as a case and its offer.</param>
/// <param name="IsKnownTo">Who may know it.</param>
internal sealed record Owned(string Field, string Value, string Municipality, string Thread, Func<Who, bool> IsKnownTo);
