-- Orders for the web service, always the same ones in the same order. Ends wrk after as many answers as the argument says.
local asked, answered, wanted = 0, 0, 0
local orders = {}

function init(arguments)
    wanted = tonumber(arguments[1])
    for i = 1, 97 do
        local lines = {}
        for j = 1, 5 + i * 7 % 60 do
            lines[j] = string.format('{"article":"article %d of %d","count":%d,"price":%d}', j * 31 % 17, i, j % 9 + 1, i * j * 37 % 9999)
        end
        local body = string.format('{"customer":"customer %d","lines":[%s]}', i * 7919 % 1009, table.concat(lines, ","))
        orders[i] = wrk.format("POST", nil, { ["Content-Type"] = "application/json" }, body)
    end
end

function request()
    asked = asked + 1
    return orders[asked % #orders + 1]
end

function response(status, headers, body)
    if status ~= 200 or #body < 100 then
        io.stderr:write("web-load.lua: answer with status ", status, "\n")
        os.exit(1)
    end
    answered = answered + 1
    if answered == wanted then os.exit(0) end
end
