using BeschutWerk.Backbone.Security;
using BeschutWerk.Backbone.Store;
using Google.Protobuf;

namespace BeschutWerk.Backbone.Grpc;

/// <summary>
/// What is checked of every request before a store is touched: the rules of its contract, and its page token. A new list
/// cannot forget the second: its own tokens are refused unless <see cref="ListPage"/> made them.
/// </summary>
internal static class RequestChecks
{
    /// <summary>
    /// Checks the rules of the contract. What is wrong across the fields is told with what breaks them, and only then: a request
    /// that keeps them may have been answered before.
    /// </summary>
    /// <exception cref="RefusalException">INVALID_FIELDS, with all violations.</exception>
    public static void Require<TRequest>(TRequest request, Caller caller, DateOnly today, AcrossFields<TRequest>? across = null)
        where TRequest : IMessage
    {
        var broken = FieldRules.Check(request, today);
        var token = new FieldChecks(broken);
        PageToken.Check(request, caller, token);
        if (broken.Count + token.Violations.Count == 0) return;
        var checks = new FieldChecks([.. broken, .. token.Violations]);
        across?.Invoke(request, checks);
        checks.ThrowIfAny();
    }

    /// <summary>Checks across the fields of a request that keeps the rules of its contract.</summary>
    /// <exception cref="RefusalException">INVALID_FIELDS, or the reason that has a name, with all violations.</exception>
    public static void RequireAcross<TRequest>(TRequest request, AcrossFields<TRequest>? across)
    {
        if (across is null) return;
        var checks = new FieldChecks();
        across(request, checks);
        checks.ThrowIfAny();
    }
}
