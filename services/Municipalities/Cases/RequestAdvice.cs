using BeschutWerk.Backbone.Grpc;
using BeschutWerk.Backbone.Store;
using BeschutWerk.Contracts.Backbone;
using BeschutWerk.Contracts.Municipalities;
using BeschutWerk.Contracts.Uwv;
using BeschutWerk.Sector.Persons;
using Google.Protobuf.WellKnownTypes;
using Grpc.Core;
using RequestAdviceRequest = BeschutWerk.Contracts.Municipalities.RequestAdviceRequest;
using RequestAdviceResponse = BeschutWerk.Contracts.Municipalities.RequestAdviceResponse;
using UwvRequest = BeschutWerk.Contracts.Uwv.RequestAdviceRequest;
using UwvResponse = BeschutWerk.Contracts.Uwv.RequestAdviceResponse;

namespace BeschutWerk.Municipalities.Cases;

/// <summary>
/// Asks UWV for advice on a case: first a note of what is asked, then the call with an id that a retry repeats. That UWV was asked is
/// UWV's fact: its event is applied before the answer, or later by itself when this call dies in between. When the person was
/// corrected while the request was on its way, UWV is told before the answer, too.
/// </summary>
static class RequestAdvice
{
    public static async Task<UwvResponse> Prepare(
        RequestAdviceRequest request, TellingUwv telling, CallScope<MunicipalityStore, MunicipalitiesStore> scope)
    {
        var asked = await AskAsync(request, scope);
        var due = await scope.ReadAsync(session => DueOf(request, session));
        if (due is { } caseId) await telling.TellAsync(scope.Municipality, caseId, scope.Cancel);
        return asked;
    }

    private static async Task<UwvResponse> AskAsync(RequestAdviceRequest request, CallScope<MunicipalityStore, MunicipalitiesStore> scope)
    {
        var digest = scope.DigestOf(request);
        var uwvRequest = await scope.WriteTenantAsync(scope.Municipality, session => Begin(request, digest, session));
        try
        {
            var asked = await scope.Client<AdviceService.AdviceServiceClient>().RequestAdviceAsync(uwvRequest, cancellationToken: scope.Cancel);
            await scope.CatchUpAsync("uwv");
            return asked;
        }
        catch (RpcException error) when (error.StatusCode is StatusCode.Unavailable or StatusCode.DeadlineExceeded)
        {
            throw Refusal.Of(ErrorReason.ServiceUnreachable, "UWV cannot take the request now.").ToException();
        }
        catch (RpcException error) when (RefusalStatus.ReasonOf(error) != ErrorReason.Unspecified)
        {
            // UWV refused, so nothing runs that a retry could find: the next try is judged anew. UWV's reason is the answer.
            await scope.WriteTenantAsync(scope.Municipality, session =>
            {
                AskedRequests.Forget(AskedRequests.IdOf(request, session), session);
                return true;
            });
            throw;
        }
    }

    public static RequestAdviceResponse Run(RequestAdviceRequest request, UwvResponse asked, WriteSession<MunicipalityStore> session)
    {
        var supportCase = session.Case(request.CaseId);
        // The answer is kept in the same write: from now on a retry gets that.
        AskedRequests.Forget(AskedRequests.IdOf(request, session), session);
        return new RequestAdviceResponse
        {
            CaseId = request.CaseId,
            State = supportCase.State,
            Version = supportCase.Version,
            AdviceRequestId = asked.AdviceRequestId,
            Outcome = asked.Outcome,
        };
    }

    private static Guid? DueOf(RequestAdviceRequest request, ReadSession<MunicipalityStore> session)
    {
        var caseId = session.Case(request.CaseId).CaseId;
        return CorrectionsDue.PositionOf(caseId, session) is null ? null : caseId;
    }

    private static UwvRequest Begin(RequestAdviceRequest request, byte[] digest, WriteSession<MunicipalityStore> session)
    {
        var record = session.Record(request.CaseId);
        var supportCase = record.Row;
        var callId = AskedRequests.IdOf(request, session);
        if (AskedRequests.Find(callId, session) is { } earlier)
        {
            return earlier.IsOf(digest, supportCase.CaseId) ? earlier.Asked! : throw Refusal.RequestIdReused().ToException();
        }

        var requestId = Ids.Parse(request.RequestId);
        if (AskedRequests.Find(requestId, session) is { } before && before.IsOf(digest, supportCase.CaseId))
        {
            // An earlier version asked, which kept the call by its request_id alone and derived from that what UWV knows it by.
            var repeated = before.Asked ?? Asked(request, supportCase, session);
            repeated.RequestId = Ids.Derive(requestId, "uwv").Text();
            AskedRequests.Forget(requestId, session);
            AskedRequests.Keep(callId, supportCase.CaseId, digest, repeated, session);
            return repeated;
        }

        var day = request.ReceivedOn.ToDateOnly();
        record.Require(day, view => CaseRules.RequestAdvice(view, day));
        if (day < record.History.At(session.Today).DroppedOutOn)
        {
            throw Refusal.Of(ErrorReason.DateBeforeItsBasis, "received_on lies before the dropout: a return is asked for after it.").ToException();
        }

        var asked = Asked(request, supportCase, session);
        asked.AskedAt = Timestamp.FromDateTimeOffset(session.Now);
        asked.RequestId = session.Caller.IdFor(requestId, "uwv").Text();
        AskedRequests.Keep(callId, supportCase.CaseId, digest, asked, session);
        return asked;
    }

    private static UwvRequest Asked(RequestAdviceRequest request, SupportCase supportCase, WriteSession<MunicipalityStore> session) => new()
    {
        Municipality = request.Municipality,
        Requester = Requester.Municipality,
        Person = session.Persons.Get(supportCase.PersonId),
        Benefit = supportCase.Benefit,
        Kind = request.Kind,
        PreviousAdviceRequestId = request.PreviousAdviceRequestId,
        NewFactsSinceWswIndication = request.NewFactsSinceWswIndication,
        NewFactsSinceEarlierAdvice = request.NewFactsSinceEarlierAdvice,
        OldWswAdvice = request.OldWswAdvice,
        ReceivedOn = request.ReceivedOn,
        RequesterReference = supportCase.CaseId.Text(),
    };
}
