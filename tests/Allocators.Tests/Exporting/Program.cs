using System;
using System.Globalization;
using Lampyris;
using OpenTelemetry;
using OpenTelemetry.Metrics;

// A program whose allocator Prometheus watches, through OpenTelemetry.
//   exporting PORT
// Moves a known number of bytes, prints `ready`, and answers at http://localhost:PORT/metrics until its input ends.

int port = int.Parse(args[0], CultureInfo.InvariantCulture);
AllocatorMetrics.Enable();
using MeterProvider provider = Sdk.CreateMeterProviderBuilder()
    .AddMeter(AllocatorMetrics.MeterName).AddPrometheusHttpListener(options => options.Port = port).Build();

Move(256, allocated: 100, freed: 40);
Move(1024, allocated: 50, freed: 50);
Move(32768, allocated: 3, freed: 1);
Console.WriteLine("ready");
Console.In.ReadToEnd();

// Each size is a size class: a block has as many bytes as were asked for.
static unsafe void Move(int bytes, int allocated, int freed)
{
    for (int i = 0; i < allocated; i++)
    {
        void* block = GlobalAllocator.Allocate((nuint)bytes);
        if (i < freed) GlobalAllocator.Deallocate(block);
    }
}
