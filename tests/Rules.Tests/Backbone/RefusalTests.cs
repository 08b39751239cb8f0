using BeschutWerk.Backbone.Grpc;
using BeschutWerk.Backbone.Store;
using BeschutWerk.Contracts.Backbone;
using Google.Rpc;
using Grpc.Core;

namespace BeschutWerk.Rules.Tests.BackboneRules;

/// <summary>A refusal is a reason, a status code that says what a client may do, and a sentence for a user.</summary>
public sealed class RefusalTests
{
    public static TheoryData<ErrorReason> Reasons => [.. Enum.GetValues<ErrorReason>().Where(reason => reason != ErrorReason.Unspecified)];

    [Theory]
    [MemberData(nameof(Reasons))]
    public void Every_reason_has_the_code_that_its_contract_says_a_Dutch_sentence_and_a_way_back(ErrorReason reason)
    {
        var sent = Refusal.Of(reason, "for developers").ToRpcException();
        Assert.Equal(CodeInContract(reason), sent.StatusCode);
        Assert.Equal(reason, RefusalStatus.ReasonOf(sent));

        var status = sent.GetRpcStatus()!;
        Assert.Equal("beschutwerk.nl", status.GetDetail<ErrorInfo>()!.Domain);
        Assert.DoesNotContain("ERROR_REASON", status.GetDetail<ErrorInfo>()!.Reason, StringComparison.Ordinal);
        var sentence = status.GetDetail<LocalizedMessage>()!;
        Assert.Equal("nl", sentence.Locale);
        // What is wrong, and then what the user can do: a text that only says no helps nobody.
        Assert.Matches("^[A-Z].{8,}[.] [A-Z].{8,}[.]$", sentence.Message);
        Assert.EndsWith(". " + RefusalTexts.Remedy(reason), sentence.Message, StringComparison.Ordinal);
        var mayRetry = sent.StatusCode is StatusCode.Unavailable or StatusCode.ResourceExhausted;
        Assert.Equal(mayRetry, status.GetDetail<RetryInfo>() is not null);
    }

    [Fact]
    public void No_two_reasons_say_the_same() =>
        Assert.Distinct(Enum.GetValues<ErrorReason>().Where(reason => reason != ErrorReason.Unspecified).Select(RefusalTexts.Dutch));

    [Fact]
    public void Field_violations_travel_all_together_up_to_what_trailers_bear()
    {
        var violations = Enumerable.Range(0, 80).Select(i => new FieldViolation { Field = $"items[{i}].uuid", Description = "Must be given." }).ToList();
        var sent = Refusal.Fields(violations).ToRpcException();
        Assert.Equal("80 field(s) break their rule.", sent.Status.Detail);
        var listed = sent.GetRpcStatus()!.GetDetail<BadRequest>()!.FieldViolations;
        Assert.Equal(50, listed.Count);
        Assert.Equal("items[49].uuid", listed[49].Field);
        // An item of a stream has its own message, and room for all.
        Assert.Equal(80, Refusal.Fields(violations).ToItem().Violations.Count);
    }

    [Fact]
    public void What_nobody_foresaw_tells_only_where_to_find_it()
    {
        using var activity = new System.Diagnostics.Activity("call").Start();
        var sent = RefusalStatus.Unexpected(activity);
        Assert.Equal(StatusCode.Internal, sent.StatusCode);
        Assert.Equal(activity.TraceId.ToString(), sent.GetRpcStatus()!.GetDetail<ErrorInfo>()!.Metadata["trace_id"]);
    }

    [Fact]
    public void An_error_of_another_domain_has_no_reason_of_ours() =>
        Assert.Equal(ErrorReason.Unspecified, RefusalStatus.ReasonOf(new RpcException(new Grpc.Core.Status(StatusCode.NotFound, "NOT_FOUND"))));

    [Fact]
    public void A_ruling_is_what_happens_or_why_not()
    {
        Ruling<string> may = "it happens";
        Assert.False(may.IsRefused);
        Assert.Equal(("it happens", "it happens"), (may.Value, may.OrThrow()));
        Assert.Null(may.Refusal);

        Ruling<string> mayNot = Refusal.Of(ErrorReason.StateForbids, "not now");
        Assert.True(mayNot.IsRefused);
        Assert.Equal(ErrorReason.StateForbids, Assert.Throws<RefusalException>(() => mayNot.OrThrow()).Refusal.Reason);
        Assert.Throws<InvalidOperationException>(() => mayNot.Value);
    }

    [Fact]
    public void Checks_across_fields_collect_everything_before_they_refuse()
    {
        var checks = new FieldChecks();
        checks.ThrowIfAny();
        checks.Require(false, "a", "one");
        checks.Require(true, "b", "two");
        checks.Require(false, "c", "three");
        var refused = Assert.Throws<RefusalException>(checks.ThrowIfAny).Refusal;
        Assert.Equal(["a", "c"], refused.Violations.Select(violation => violation.Field));
    }

    /// <summary>The numbers of the contract are grouped by code; the exceptions are those that its comments name.</summary>
    private static StatusCode CodeInContract(ErrorReason reason) => (int)reason switch
    {
        < 10 => StatusCode.InvalidArgument,
        10 => StatusCode.Unauthenticated,
        11 => StatusCode.PermissionDenied,
        < 30 => StatusCode.NotFound,
        < 80 => StatusCode.FailedPrecondition,
        80 => StatusCode.Aborted,
        81 => StatusCode.OutOfRange,
        82 or 83 or 88 => StatusCode.ResourceExhausted,
        84 or 85 or 86 or 89 => StatusCode.Unavailable,
        87 => StatusCode.DeadlineExceeded,
        _ => StatusCode.Internal,
    };
}
