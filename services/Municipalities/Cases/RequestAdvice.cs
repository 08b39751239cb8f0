using BeschutWerk.Backbone.Grpc;
using BeschutWerk.Backbone.Store;
using BeschutWerk.Contracts.Backbone;
using BeschutWerk.Contracts.Municipalities;
using BeschutWerk.Contracts.Uwv;
using Grpc.Core;
using RequestAdviceRequest = BeschutWerk.Contracts.Municipalities.RequestAdviceRequest;
using RequestAdviceResponse = BeschutWerk.Contracts.Municipalities.RequestAdviceResponse;
using UwvRequest = BeschutWerk.Contracts.Uwv.RequestAdviceRequest;
using UwvResponse = BeschutWerk.Contracts.Uwv.RequestAdviceResponse;

namespace BeschutWerk.Municipalities.Cases;

/// <summary>
/// Asks UWV for advice on a case: first a note of who asks, then the call with an id that a retry repeats, then the write.
/// Who dies in between is completed by the retry, or else by UWV's event AdviceRequested.
/// </summary>
static class RequestAdvice
{
    public static async Task<UwvResponse> Prepare(RequestAdviceRequest request, CallScope<MunicipalityStore, MunicipalitiesStore> scope)
    {
        var uwvRequest = await scope.WriteTenantAsync(scope.Municipality, session => Begin(request, session));
        uwvRequest.RequestId = scope.DerivedId("uwv").Text();
        try
        {
            return await scope.Client<AdviceService.AdviceServiceClient>().RequestAdviceAsync(uwvRequest, cancellationToken: scope.Cancel);
        }
        catch (RpcException error) when (error.StatusCode is StatusCode.Unavailable or StatusCode.DeadlineExceeded)
        {
            throw Refusal.Of(ErrorReason.ServiceUnreachable, "UWV cannot take the request now.").ToException();
        }
        catch (RpcException error) when (RefusalStatus.ReasonOf(error) != ErrorReason.Unspecified)
        {
            // UWV refused, so nothing runs that a retry could find: the next try is judged anew. UWV's reason is the answer.
            await scope.WriteTenantAsync(scope.Municipality, session => session.Case(request.CaseId).AskedBy = null);
            throw;
        }
    }

    public static RequestAdviceResponse Run(RequestAdviceRequest request, UwvResponse asked, WriteSession<MunicipalityStore> session)
    {
        var supportCase = session.Case(request.CaseId);
        var adviceRequestId = Ids.Parse(asked.AdviceRequestId);
        // UWV's events may have been here before us.
        if (supportCase.AdviceRequestId != adviceRequestId && CaseRules.MayBeginRound(supportCase)) supportCase.AdviceAsked(adviceRequestId);
        return new RequestAdviceResponse
        {
            CaseId = request.CaseId,
            State = supportCase.State,
            Version = supportCase.Version,
            AdviceRequestId = asked.AdviceRequestId,
            Outcome = asked.Outcome,
        };
    }

    private static UwvRequest Begin(RequestAdviceRequest request, WriteSession<MunicipalityStore> session)
    {
        var supportCase = session.Case(request.CaseId);
        var requestId = Ids.Parse(request.RequestId);
        if (supportCase.AskedBy != requestId)
        {
            if (CaseRules.RequestAdvice(supportCase, request.ReceivedOn.ToDateOnly()) is { } refusal) throw refusal.ToException();
            supportCase.AskedBy = requestId;
        }

        return new UwvRequest
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
}
